"""Recorded replies, served over loopback HTTP to the same client that asks real models."""
