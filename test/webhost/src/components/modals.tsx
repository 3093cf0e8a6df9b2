import React, {useEffect, useState} from 'react';
import {Modal} from 'react-bootstrap';
import {useDispatch, useSelector} from 'react-redux';

import {client, RequestError} from '../client';
import {browserHistory} from '../history';
import {channelPath, ensureMember, failed, loadMyTeams, openDirect, openModal} from '../store/actions';
import {currentChannel, currentTeam, displayName, me} from '../store/selectors';
import {store} from '../store';
import type {Dispatch, State} from '../store/types';
import type {Channel, Team, User} from '../types';

import {unwrapDialog, useFocusBack} from './modal_frame';
import {Avatar} from './names';

type FrameProps = {id: string; title: string; children: React.ReactNode; footer?: React.ReactNode};

function Frame({id, title, children, footer}: FrameProps) {
    useFocusBack();
    const dispatch = useDispatch<Dispatch>();
    return (
        <Modal
            id={id}
            show={true}
            onEnter={unwrapDialog}
            onHide={() => dispatch(openModal(null))}
            aria-labelledby={`${id}Label`}
        >
            <Modal.Header closeButton={true}>
                <Modal.Title
                    id={`${id}Label`}
                    componentClass='h1'
                >{title}</Modal.Title>
            </Modal.Header>
            <Modal.Body>{children}</Modal.Body>
            {footer ? <Modal.Footer>{footer}</Modal.Footer> : null}
        </Modal>
    );
}

const reason = (error: unknown) => (error instanceof RequestError ? error.message : 'That did not work. Try again.');

const open = (channel: Channel) => browserHistory.push(channelPath(store.getState(), channel));

function CreateChannel() {
    const dispatch = useDispatch<Dispatch>();
    const team = useSelector(currentTeam);
    const [name, setName] = useState('');
    const [type, setType] = useState<'O' | 'P'>('O');
    const [purpose, setPurpose] = useState('');
    const [error, setError] = useState('');
    const create = async (event: React.FormEvent) => {
        event.preventDefault();
        const slug = name.trim().toLowerCase().replace(/[^a-z0-9_]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64);
        try {
            const channel = await client.createChannel({
                team_id: team?.id, display_name: name.trim(), name: slug.length > 1 ? slug : `channel-${Date.now()}`, purpose, type,
            });
            await dispatch(ensureMember(channel));
            dispatch(openModal(null));
            open(channel);
        } catch (caught) {
            setError(reason(caught));
        }
    };
    return (
        <Frame
            id='newChannelModal'
            title='Create a Channel'
        >
            <form onSubmit={(event) => void create(event)}>
                <div className='form-group'>
                    <label htmlFor='newChannelName'>Name</label>
                    <input
                        id='newChannelName'
                        className='form-control'
                        autoFocus={true}
                        maxLength={64}
                        value={name}
                        onChange={(event) => setName(event.target.value)}
                    />
                </div>
                <fieldset className='form-group'>
                    <legend className='control-label'>Who may read it</legend>
                    <label className='radio-inline'>
                        <input
                            type='radio'
                            name='newChannelType'
                            checked={type === 'O'}
                            onChange={() => setType('O')}
                        />
                        {'Public: anyone in the team'}
                    </label>
                    <label className='radio-inline'>
                        <input
                            type='radio'
                            name='newChannelType'
                            checked={type === 'P'}
                            onChange={() => setType('P')}
                        />
                        {'Private: invited members'}
                    </label>
                </fieldset>
                <div className='form-group'>
                    <label htmlFor='newChannelPurpose'>Purpose <span className='light'>(optional)</span></label>
                    <textarea
                        id='newChannelPurpose'
                        className='form-control'
                        rows={2}
                        maxLength={250}
                        value={purpose}
                        onChange={(event) => setPurpose(event.target.value)}
                    />
                </div>
                <div
                    className='error-text'
                    role='alert'
                >{error}</div>
                <button
                    id='submitNewChannel'
                    type='submit'
                    className='btn btn-primary'
                    disabled={name.trim().length < 2}
                >Create Channel</button>
            </form>
        </Frame>
    );
}

/** A search box with the rows found for its text; the search waits until typing pauses. */
function Finder<T extends {id: string}>({label, search, row}: {
    label: string;
    search: (term: string) => Promise<T[]>;
    row: (item: T) => React.ReactNode;
}) {
    const [term, setTerm] = useState('');
    const [items, setItems] = useState<T[] | null>(null);
    const [error, setError] = useState('');
    useEffect(() => {
        let stale = false;
        const timer = window.setTimeout(() => {
            search(term).then((found) => {
                if (!stale) {
                    setItems(found);
                    setError('');
                }
            }).catch((caught) => setError(reason(caught)));
        }, term ? 250 : 0);
        return () => {
            stale = true;
            window.clearTimeout(timer);
        };
    }, [search, term]);
    return (
        <>
            <input
                className='form-control finder__input'
                type='search'
                autoFocus={true}
                placeholder={label}
                aria-label={label}
                value={term}
                onChange={(event) => setTerm(event.target.value)}
            />
            {error ? <div className='error-text' role='alert'>{error}</div> : null}
            <ul className='finder'>
                {items?.map((item) => <li key={item.id}>{row(item)}</li>)}
            </ul>
            {items?.length === 0 ? <p className='empty-state'>Nothing found.</p> : null}
        </>
    );
}

const findChannels = (term: string) => {
    const teamId = store.getState().entities.teams.currentTeamId;
    return term ? client.channelSearch(teamId, term) : client.publicChannels(teamId, 0);
};

function BrowseChannels() {
    const dispatch = useDispatch<Dispatch>();
    const members = useSelector((state: State) => state.entities.channels.myMembers);
    const join = async (channel: Channel) => {
        try {
            await dispatch(ensureMember(channel));
            dispatch(openModal(null));
            open(channel);
        } catch (caught) {
            dispatch(failed(caught));
        }
    };
    return (
        <Frame
            id='moreChannelsModal'
            title='Browse Channels'
        >
            <Finder
                label='Search channels'
                search={findChannels}
                row={(channel) => (
                    <button
                        type='button'
                        className='finder__row'
                        onClick={() => void join(channel)}
                    >
                        <span className='finder__name'><strong>{channel.display_name}</strong> <span className='light'>{channel.purpose}</span></span>
                        <span className='btn btn-sm btn-tertiary'>{members[channel.id] ? 'View' : 'Join'}</span>
                    </button>
                )}
            />
        </Frame>
    );
}

const person = (user: User) => (
    <span className='finder__name'>
        <Avatar
            userId={user.id}
            size={24}
        />
        <strong>{`@${user.username}`}</strong> <span className='light'>{displayName(user, 'full_name')}</span>
    </span>
);

function receive(users: User[]): User[] {
    store.dispatch({type: 'RECEIVED_PROFILES_LIST', data: users});
    return users;
}

// The server searches for a text only; without one the first people are listed.
const findOutsiders = async (term: string) => {
    const {channels, teams} = store.getState().entities;
    return receive(await (term ?
        client.userSearch({term, team_id: teams.currentTeamId, not_in_channel_id: channels.currentChannelId, limit: 30}) :
        client.usersInTeam(teams.currentTeamId, channels.currentChannelId)));
};

function AddMembers() {
    const dispatch = useDispatch<Dispatch>();
    const channel = useSelector(currentChannel);
    const [added, setAdded] = useState<string[]>([]);
    const add = async (user: User) => {
        try {
            await client.addMember(channel?.id ?? '', user.id);
            setAdded([...added, user.id]);
        } catch (caught) {
            dispatch(failed(caught));
        }
    };
    return (
        <Frame
            id='addUsersToChannelModal'
            title={`Add people to ${channel?.display_name ?? ''}`}
        >
            <Finder
                label='Search people'
                search={findOutsiders}
                row={(user) => (
                    <button
                        type='button'
                        className='finder__row'
                        disabled={added.includes(user.id)}
                        onClick={() => void add(user)}
                    >{person(user)}<span className='btn btn-sm btn-tertiary'>{added.includes(user.id) ? 'Added' : 'Add'}</span></button>
                )}
            />
        </Frame>
    );
}

const findPeople = async (term: string) => {
    const {currentTeamId} = store.getState().entities.teams;
    return receive(await (term ? client.userSearch({term, team_id: currentTeamId, limit: 30}) : client.usersInTeam(currentTeamId)));
};

function DirectMessage() {
    const dispatch = useDispatch<Dispatch>();
    const [chosen, setChosen] = useState<User[]>([]);
    const start = async () => {
        try {
            await dispatch(openDirect(chosen.map((user) => user.id)));
            dispatch(openModal(null));
        } catch (caught) {
            dispatch(failed(caught));
        }
    };
    const toggle = (user: User) => setChosen(chosen.some((one) => one.id === user.id) ?
        chosen.filter((one) => one.id !== user.id) : [...chosen, user]);
    return (
        <Frame
            id='moreDmModal'
            title='Direct Messages'
            footer={
                <button
                    id='saveItems'
                    type='button'
                    className='btn btn-primary'
                    disabled={chosen.length === 0 || chosen.length > 7}
                    onClick={() => void start()}
                >{chosen.length > 0 ? `Write to ${chosen.map((user) => user.username).join(', ')}` : 'Choose up to 7 people'}</button>
            }
        >
            <Finder
                label='Search people'
                search={findPeople}
                row={(user) => (
                    <button
                        type='button'
                        className='finder__row'
                        aria-pressed={chosen.some((one) => one.id === user.id)}
                        onClick={() => toggle(user)}
                    >{person(user)}{chosen.some((one) => one.id === user.id) ? <i className='icon icon-check'/> : null}</button>
                )}
            />
        </Frame>
    );
}

const findTeams = async (term: string) => (await client.openTeams()).
    filter((team) => team.display_name.toLowerCase().includes(term.toLowerCase()));

function JoinTeam() {
    const dispatch = useDispatch<Dispatch>();
    const myId = useSelector((state: State) => state.entities.users.currentUserId);
    const members = useSelector((state: State) => state.entities.teams.myMembers);
    const join = async (team: Team) => {
        try {
            if (!members[team.id]) {
                await client.joinTeam(team.id, myId);
                await dispatch(loadMyTeams());
            }
            dispatch(openModal(null));
            browserHistory.push(`/${team.name}`);
        } catch (caught) {
            dispatch(failed(caught));
        }
    };
    return (
        <Frame
            id='joinTeamModal'
            title='Join a Team'
        >
            <Finder
                label='Search teams'
                search={findTeams}
                row={(team) => (
                    <button
                        type='button'
                        className='finder__row'
                        onClick={() => void join(team)}
                    >
                        <span className='finder__name'><strong>{team.display_name}</strong></span>
                        <span className='btn btn-sm btn-tertiary'>{members[team.id] ? 'Go' : 'Join'}</span>
                    </button>
                )}
            />
        </Frame>
    );
}

// The languages Mattermost 5.39 offers; this page itself speaks English, plugins follow the choice.
const languages: Record<string, string> = {
    en: 'English', de: 'Deutsch', es: 'Español', fr: 'Français', it: 'Italiano', nl: 'Nederlands', pl: 'Polski',
    'pt-BR': 'Português (Brasil)', ro: 'Română', sv: 'Svenska', hu: 'Magyar', tr: 'Türkçe', bg: 'Български',
    ru: 'Pусский', uk: 'Yкраїнська', fa: 'فارسی', ko: '한국어', 'zh-CN': '中文 (简体)', 'zh-TW': '中文 (繁體)', ja: '日本語',
};

function Settings() {
    const dispatch = useDispatch<Dispatch>();
    const user = useSelector(me);
    const [language, setLanguage] = useState(user?.locale ?? 'en');
    const save = async () => {
        try {
            await client.patchMe({locale: language});
            // A full load, so that everything on the page speaks the language.
            window.location.reload();
        } catch (caught) {
            dispatch(failed(caught));
        }
    };
    return (
        <Frame
            id='accountSettingsModal'
            title='Settings'
            footer={
                <button
                    type='button'
                    className='btn btn-primary'
                    onClick={() => void save()}
                >Save</button>
            }
        >
            <div className='form-group'>
                <label htmlFor='displayLanguage'>Language</label>
                <select
                    id='displayLanguage'
                    className='form-control'
                    value={language}
                    onChange={(event) => setLanguage(event.target.value)}
                >
                    {Object.entries(languages).map(([code, name]) => (
                        <option
                            key={code}
                            value={code}
                        >{name}</option>
                    ))}
                </select>
                <p className='help-text'>Plugins, dates and times follow it. This page itself is in English.</p>
            </div>
        </Frame>
    );
}

const kinds = {
    createChannel: CreateChannel, browseChannels: BrowseChannels, addMembers: AddMembers, directMessage: DirectMessage,
    settings: Settings, joinTeam: JoinTeam,
};

export function ModalHost() {
    const kind = useSelector((state: State) => state.views.modals.open);
    const Kind = kind && kinds[kind];
    return Kind ? <Kind/> : null;
}
