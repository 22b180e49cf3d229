"""Coach: a multi-tenant coaching app that reads WHOOP and never overwrites what a person typed."""
