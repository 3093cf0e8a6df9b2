import {Incident, Task} from 'src/types/incident';

/** The task with an id in any stage. Tasks of old incidents may have no id: an empty one finds none. */
export const findTask = ({checklists}: Incident, id: string | undefined): Task | undefined => (
    id ? checklists.flatMap(({items}) => items).find((task) => task.id === id) : undefined
);
