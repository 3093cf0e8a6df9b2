import {PlaybookRole} from 'src/types/roles';

const folded = (name: string) => name.trim().toLowerCase();

/** Why a role of a playbook cannot be saved: its name is missing, or another role has it. */
export function faultOf(role: PlaybookRole, all: PlaybookRole[]): 'missing' | 'taken' | undefined {
    if (!role.name.trim()) {
        return 'missing';
    }
    const first = all.find(({name}) => folded(name) === folded(role.name));
    return first !== undefined && first !== role ? 'taken' : undefined;
}

export const areValid = (all: PlaybookRole[]) => all.every((role) => faultOf(role, all) === undefined);
