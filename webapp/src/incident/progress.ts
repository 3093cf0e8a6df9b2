import {Incident, Stage} from 'src/types/incident';

/** The stage that is being worked on; undefined when there are none. */
export function activeStage({checklists, active_stage: active}: Incident): Stage | undefined {
    return checklists[active] ?? checklists[0];
}

export function finishedTasks(stage: Stage): number {
    return stage.items.filter(({state}) => state === 'closed').length;
}

/** Every task is closed; also true of a stage without tasks. */
export function isFinished(stage: Stage): boolean {
    return finishedTasks(stage) === stage.items.length;
}
