"""Training new styles from pictures attached in the chat, while the bot keeps serving.

`intake` decodes the pictures in the confined subprocess `reader`; `training` is the training process; `trainers` starts
it and finds it again after a restart, `notifier` posts messages, and `supervisor` runs the job queue.
`bot.features.styles` stores the results.
"""
