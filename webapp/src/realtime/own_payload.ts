import {allIfSent, Fields, isList, isNumber, isObject, isText} from 'src/realtime/fields';

/** Whether these fields are there; a field of another type makes the whole useless. */
const has = (texts: string[], numbers: string[] = []) => (value: unknown): value is Fields =>
    isObject(value) && texts.every((name) => isText(value[name])) && numbers.every((name) => isNumber(value[name]));

const isLevel = has(['key', 'name', 'description', 'color'], ['update_seconds']);
const isRole = has(['key', 'name', 'description', 'holder_id'], ['since']);
const isHandoff = has(['id', 'to_user_id', 'by_user_id'], ['at', 'expires_at']);

const isSeverity = (value: unknown) => has(['key'])(value) && isList(value.levels, isLevel);
const isRoles = (value: unknown) => isObject(value) && isList(value.roles, isRole) && allIfSent(value, ['handoff'], isHandoff);

/** Whether what capabilities keep with an incident has the expected form, if it is sent. */
export const hasOwnFields = (value: Fields) =>
    allIfSent(value, ['severity'], isSeverity) &&
    allIfSent(value, ['roles'], isRoles) &&
    allIfSent(value, ['channel'], has([], ['archive_at', 'archived_at'])) &&
    allIfSent(value, ['clock'], has([], ['next_update_at', 'overdue_since'])) &&
    allIfSent(value, ['stage_clock'], has([], ['stage', 'since', 'due_at', 'reached_at']));

/** Whether what capabilities keep with a task has the expected form, if it is sent. */
export const hasOwnTaskFields = (value: Fields) => allIfSent(value, ['assignment'], has(['kind']));

/** Whether what capabilities keep with a stage has the expected form, if it is sent. */
export const hasOwnStageFields = (value: Fields) => allIfSent(value, ['limit_seconds'], isNumber);
