/** Longest texts that the server takes, in characters. */
export const LIMITS = {
    taskTitle: 2048,
    taskCommand: 4096,
    taskDescription: 4096,
    playbookTitle: 1024,
    playbookDescription: 4096,
    stageTitle: 1024,
    message: 16383,
    stages: 100,

    /** Over all stages. */
    tasks: 1000,
    members: 1000,
    searchTerm: 256,
};
