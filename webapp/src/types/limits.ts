/** Longest texts that the server takes, in characters. */
export const LIMITS = {
    taskTitle: 1024,
    taskCommand: 4096,
    taskDescription: 4096,
};
