"""Where workers come from in a cluster: pods of Jobs, requests to a Knative Service, AWS Lambda."""
