import React, {useEffect, useRef, useState} from 'react';
import {Modal} from 'react-bootstrap';
import {useSelector} from 'react-redux';

import {client, RequestError} from '../client';
import {is2026} from '../frame';
import type {State} from '../store/types';
import type {Dictionary, OpenDialog} from '../types';

import {checkElement, initialValues, type DialogValue, type DialogValues} from './dialog_values';
import {DialogField} from './dialog_field';
import {Message} from './message';
import {unwrapDialog, useFocusBack} from './modal_frame';

/** Ids of the dialog and its buttons start so. */
const PREFIX = is2026 ? 'appsModal' : 'interactiveDialog';
const ID = is2026 ? PREFIX : `${PREFIX}Modal`;

function Dialog({open, onClose}: {open: OpenDialog; onClose: () => void}) {
    const {dialog} = open;
    const elements = dialog.elements ?? [];
    const state = useSelector((all: State) => all);
    const place = useRef({
        user_id: state.entities.users.currentUserId,
        channel_id: state.entities.channels.currentChannelId,
        team_id: state.entities.teams.currentTeamId,
    }).current;
    useFocusBack();
    const [values, setValues] = useState<DialogValues>(() => initialValues(elements));
    const [errors, setErrors] = useState<Dictionary<string>>({});
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);

    const send = (more: Dictionary<unknown>) => client.submitDialog({
        ...place, url: open.url, callback_id: dialog.callback_id, state: dialog.state, ...more,
    });

    const submit = async (event: React.FormEvent) => {
        event.preventDefault();
        if (busy) {
            return;
        }
        const found: Dictionary<string> = {};
        for (const element of elements) {
            const problem = checkElement(element, values[element.name]);
            if (problem) {
                found[element.name] = problem;
            }
        }
        setErrors(found);
        setError('');
        if (Object.keys(found).length > 0) {
            return;
        }
        setBusy(true);
        try {
            const answer = await send({submission: values});
            const known = Object.entries(answer?.errors ?? {}).filter(([name]) => elements.some((one) => one.name === name));
            setErrors(Object.fromEntries(known));
            setError(answer?.error ?? '');
            if (known.length === 0 && !answer?.error) {
                onClose();
                return;
            }
        } catch (reason) {
            setError(reason instanceof RequestError ? reason.message : 'The answer could not be sent. Try again.');
        }
        setBusy(false);
    };

    const cancel = () => {
        if (dialog.notify_on_cancel) {
            send({cancelled: true}).catch((reason) => console.warn(reason));
        }
        onClose();
    };

    return (
        <Modal
            id={ID}
            show={true}
            onEnter={unwrapDialog}
            onHide={cancel}
            backdrop='static'
            aria-labelledby={`${ID}Label`}
        >
            <form
                autoComplete='off'
                noValidate={true}
                onSubmit={(event) => void submit(event)}
            >
                <Modal.Header closeButton={true}>
                    <Modal.Title
                        id={`${ID}Label`}
                        componentClass='h1'
                    >
                        {dialog.icon_url ? (
                            <img
                                id={`${PREFIX}IconUrl`}
                                alt=''
                                width='36'
                                height='36'
                                src={dialog.icon_url}
                            />
                        ) : null}
                        {dialog.title}
                    </Modal.Title>
                </Modal.Header>
                {elements.length > 0 || dialog.introduction_text ? (
                    <Modal.Body>
                        {dialog.introduction_text ? (
                            // A link followed within the page leaves the dialog behind.
                            <div onClick={(event) => event.defaultPrevented && cancel()}>
                                <Message
                                    id={`${ID}IntroductionText`}
                                    text={dialog.introduction_text}
                                />
                            </div>
                        ) : null}
                        {elements.map((element, index) => (
                            <DialogField
                                key={element.name}
                                element={element}
                                value={values[element.name]}
                                error={errors[element.name]}
                                autoFocus={index === 0}
                                onChange={(value: DialogValue) => setValues((now) => ({...now, [element.name]: value}))}
                            />
                        ))}
                    </Modal.Body>
                ) : null}
                <Modal.Footer>
                    <div
                        className='error-text'
                        role='alert'
                    >{error}</div>
                    <button
                        id={`${PREFIX}Cancel`}
                        type='button'
                        className='btn btn-link cancel-button'
                        onClick={cancel}
                    >Cancel</button>
                    <button
                        id={`${PREFIX}Submit`}
                        type='submit'
                        className='btn btn-primary save-button'
                        autoFocus={elements.length === 0}
                        disabled={busy}
                    >{busy ? 'Submitting…' : dialog.submit_label || 'Submit'}</button>
                </Modal.Footer>
            </form>
        </Modal>
    );
}

/** Shows the dialog the server opened, if it belongs to what was done in this tab. */
export function DialogHost() {
    const {dialog, dialogTriggerId} = useSelector((state: State) => state.entities.integrations);
    const [shown, setShown] = useState<OpenDialog | null>(null);
    const done = useRef('');
    useEffect(() => {
        if (dialog && dialog.trigger_id === dialogTriggerId && done.current !== dialog.trigger_id) {
            done.current = dialog.trigger_id;
            setShown(dialog);
        }
    }, [dialog, dialogTriggerId]);
    return shown ? (
        <Dialog
            key={shown.trigger_id}
            open={shown}
            onClose={() => setShown(null)}
        />
    ) : null;
}
