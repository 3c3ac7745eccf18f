"""ExCamera on mu: the plan of a job, the machine of a chunk, and the join at the end.

The encoding is ExCamera[N, x] (Fouladi et al., NSDI'17, section 4): chunks of N frames are encoded
in parallel, and all but the first chunk of a chain of x are then rebased onto the decoder state in
which the chunk before them ended.

    job         what is to be encoded, from where, to where
    plan        frames -> chunks -> chains (pure)
    places      which object of the job lies where (pure)
    pipeline    the machine of a chunk (pure)
    resume      which chunks are finished already
    encode      the whole: index, plan, run, join
    local       all of it on this machine
    cli         the `excamera` command

It does not know Kubernetes; that is excamera_controller's business.
"""
