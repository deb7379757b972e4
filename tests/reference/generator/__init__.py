"""The parts of the reference generator; ../generate.py runs them in order. No part reads the clock,
the network or an unseeded random number, so the same packages give the same bytes."""
