import {applyMiddleware, combineReducers, createStore, type Reducer, type Store} from 'redux';
import {enableBatching} from 'redux-batched-actions';
import thunk from 'redux-thunk';

import type {Dictionary} from '../types';

import {entities} from './entities';
import {pluginState} from './plugins';
import type {Dispatch, State} from './types';
import {views, websocket} from './views';

const own: Dictionary<Reducer> = {
    entities, views, websocket, plugins: pluginState, errors: (state = []) => state,
};
const added: Dictionary<Reducer> = {};

const combine = () => enableBatching(combineReducers({...own, ...added})) as unknown as Reducer<State>;

export const store = createStore(combine(), applyMiddleware(thunk)) as Store<State> & {dispatch: Dispatch};

/** Adds a plugin's reducer under its own key. A later one under the same key takes its place, with the state kept. */
export function addReducer(key: string, reducer: Reducer) {
    added[key] = reducer;
    store.replaceReducer(combine());
}
