"""Programs that use the register: their API keys, made, rotated, ended, told to every process."""
