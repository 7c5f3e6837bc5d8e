"""The Chongqing story: a register filled with invented organisations and batteries, the same every time."""
