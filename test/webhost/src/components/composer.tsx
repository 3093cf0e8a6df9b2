import React, {useEffect, useRef, useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {RequestError} from '../client';
import {createPost, executeCommand, type Sent} from '../store/messages';
import {channelTitle} from '../store/selectors';
import type {Dispatch, State} from '../store/types';
import type {Channel} from '../types';

import {Textbox} from './textbox';

const drafts = new Map<string, string>();
const LIMIT = 16383;

/** The box one writes in. What is not sent stays in it, per channel, until the page is closed. */
export function Composer({channel}: {channel: Channel}) {
    const dispatch = useDispatch<Dispatch>();
    const title = useSelector((state: State) => channelTitle(state, channel));
    const [text, setText] = useState(drafts.get(channel.id) ?? '');
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const box = useRef<Textbox>(null);

    useEffect(() => {
        if (window.innerWidth > 768) {
            box.current?.focus();
        }
    }, []);

    const change = (next: string) => {
        drafts.set(channel.id, next);
        setText(next);
    };

    const send = async () => {
        if (!text.trim() || busy || text.length > LIMIT) {
            return;
        }
        setError('');
        setBusy(true);
        const sent = text;
        change('');
        let result: Sent;
        try {
            result = await dispatch(text.startsWith('/') ? executeCommand(text, channel.id) : createPost(text, channel.id));
        } catch (reason) {
            result = {error: reason instanceof RequestError ? reason.message : 'The message could not be sent.'};
        }
        if (result.error !== undefined) {
            setError(result.error);
            // Give the text back, unless something new was typed.
            setText((now) => now || sent);
            drafts.set(channel.id, drafts.get(channel.id) || sent);
        }
        setBusy(false);
    };

    if (channel.delete_at) {
        return <div className='post-create__archived'>This channel is archived. No new messages can be posted.</div>;
    }
    return (
        <form
            id='create_post'
            className='post-create'
            onSubmit={(event) => {
                event.preventDefault();
                void send();
            }}
        >
            <div
                id='post-create'
                className='post-create__container'
            >
                <Textbox
                    id='post_textbox'
                    ref={box}
                    channelId={channel.id}
                    value={text}
                    characterLimit={LIMIT}
                    createMessage={`Write to ${title}`}
                    onChange={(event) => change(event.target.value)}
                    onKeyDown={(event) => {
                        if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
                            event.preventDefault();
                            void send();
                        }
                    }}
                />
                <button
                    type='submit'
                    className='btn-icon post-create__send'
                    aria-label='Send'
                    disabled={!text.trim() || busy}
                ><i className='icon icon-send'/></button>
            </div>
            <div
                className='post-create__error error-text'
                role='alert'
            >{error}</div>
        </form>
    );
}
