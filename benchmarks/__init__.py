"""Speed, measured as ratios in one run; see docs/benchmarks.md."""
