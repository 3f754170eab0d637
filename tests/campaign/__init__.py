"""The long proofs: every campaign test, many seeds of every property, and all figures; resumable (`make campaign`)."""
