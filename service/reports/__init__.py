"""Reports for the national platform: what an operator has to hand in, as files by duty, with due dates."""
