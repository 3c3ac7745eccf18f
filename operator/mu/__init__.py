"""mu: a coordinator drives workers by remote calls, each according to a finite-state machine.

After the framework of the same name (Fouladi et al., NSDI'17, section 3). A pipeline is a machine
for each task (`combinators`), a set of tasks (`task`), and a run of them on workers of a backend
(`server`, `run`). The core is pure: machines move by `step`, tasks are scheduled by `Schedule`;
around it are a gRPC server and the backends.
"""
