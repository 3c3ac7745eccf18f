# The test cluster, as far as make is concerned; tests/cluster/README.md says what it is.

##@ The test cluster

.PHONY: cluster
cluster: ## build what the test tiers api, node and store need (once, 20 to 40 minutes)
	@tests/cluster/build

.PHONY: cluster-up
cluster-up: cluster ## start the cluster: one real node, and Knative Serving
	@tests/cluster/up knative

.PHONY: cluster-down
cluster-down: ## end it, and everything in it
	@tests/cluster/down

.PHONY: image
image: ## build the container image, and load it into the cluster if that is up
	@tests/cluster/image

# Tests on the cluster are tests of the sources as they are, so the image is made first; with its layers kept, that
# takes seconds. Without a cluster built here it does nothing.
.PHONY: image-for-tests
test: image-for-tests
image-for-tests:
	@tests/cluster/image --for-tests
