"""EncodeJob on Kubernetes: the only part that knows Kubernetes objects.

Level-triggered, and pure inside: `reconcile(observed) -> decision` looks at one job as it is now
and says what to do next; it never remembers. One policy, one file, in `policies/`; `reconcile` asks
them in order and takes the first that has something to say. Around it a shell: kopf watches
(`handlers`), the controller's loop causes passes, `gather` and `carry_out` join them to the
cluster, and `runs` holds the jobs that this process runs.
"""
