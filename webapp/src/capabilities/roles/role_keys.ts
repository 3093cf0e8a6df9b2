import {ROLE_LIMITS} from 'src/types/roles';

/** What a role is called that has no letter or digit of the Latin script in its name. */
const PLAIN = 'role';

/** The key of a role with this name: its Latin letters and digits, and a number when another role has that key. */
export function roleKey(name: string, taken: string[]): string {
    const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const stem = plain.slice(0, ROLE_LIMITS.key - 3).replace(/^-+|-+$/g, '') || PLAIN;
    const others = new Set(taken);

    // The history of roles names the commander so.
    others.add('commander');
    let key = stem;
    for (let number = 2; others.has(key); number++) {
        key = `${stem}-${number}`;
    }
    return key;
}
