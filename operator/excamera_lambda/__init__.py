"""Backend lambda: workers are invocations of an AWS Lambda function.

    pure    retry · limits · function (what it should be, and what must change) · cost
    shell   aws (sessions, errors in words) · signing · launcher · backend · deployment

It knows mu's backends and invitations and nothing of video or Kubernetes; the command `excamera`
and the operator both use it. What runs in the function is `excamera_worker.aws_lambda`.
"""
