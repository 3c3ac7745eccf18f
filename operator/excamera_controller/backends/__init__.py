"""Where workers come from in a cluster: pods of Indexed Jobs, and requests to a Knative Service."""
