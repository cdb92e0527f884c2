"""Health checks and metrics for service managers, load balancers and Prometheus."""
