import React, {useState} from 'react';
import {useDispatch} from 'react-redux';

import {pressAction} from '../store/messages';
import type {Dispatch} from '../store/types';
import type {Attachment, PostAction} from '../types';

import {Message} from './message';

type ActionProps = {postId: string; action: PostAction};

function Action({postId, action}: ActionProps) {
    const dispatch = useDispatch<Dispatch>();
    const [busy, setBusy] = useState(false);
    const press = async (option = '') => {
        setBusy(true);
        await dispatch(pressAction(postId, action.id, action.cookie, option));
        setBusy(false);
    };
    if (action.type === 'select') {
        return (
            <select
                className='form-control attachment-select'
                aria-label={action.name}
                disabled={busy || action.disabled}
                defaultValue={action.default_option ?? ''}
                onChange={(event) => void press(event.target.value)}
            >
                <option
                    value=''
                    disabled={true}
                >{action.name}</option>
                {action.options?.map((one) => (
                    <option
                        key={one.value}
                        value={one.value}
                    >{one.text}</option>
                ))}
            </select>
        );
    }
    return (
        <button
            type='button'
            className={`btn btn-sm btn-attachment ${action.style ?? ''}`}
            data-action-id={action.id}
            disabled={busy || action.disabled}
            onClick={() => void press()}
        >{action.name}</button>
    );
}

const severities: Record<string, string> = {good: 'var(--online-indicator)', warning: 'var(--away-indicator)', danger: 'var(--error-text)'};

function One({postId, attachment}: {postId: string; attachment: Attachment}) {
    const colour = attachment.color ? severities[attachment.color] ?? attachment.color : undefined;
    return (
        <div className='attachment'>
            {attachment.pretext ? (
                <Message
                    text={attachment.pretext}
                    className='attachment__thumb-pretext'
                />
            ) : null}
            <div className='attachment__content'>
                <div
                    className='attachment__container'
                    style={colour ? {borderInlineStartColor: colour} : undefined}
                >
                    {attachment.author_name ? <div className='attachment__author-name'>{attachment.author_name}</div> : null}
                    {attachment.title ? (
                        <div className='attachment__title'>
                            {attachment.title_link ? <a href={attachment.title_link}>{attachment.title}</a> : attachment.title}
                        </div>
                    ) : null}
                    {attachment.text ? <Message text={attachment.text}/> : null}
                    {attachment.fields?.length ? (
                        <div className='attachment-fields'>
                            {attachment.fields.map((field, index) => (
                                <div
                                    key={index}
                                    className={`attachment-field ${field.short ? 'attachment-field--short' : ''}`}
                                >
                                    <div className='attachment-field__caption'>{field.title}</div>
                                    <Message text={String(field.value)}/>
                                </div>
                            ))}
                        </div>
                    ) : null}
                    {attachment.actions?.length ? (
                        <div className='attachment-actions'>
                            {attachment.actions.map((action) => (
                                <Action
                                    key={action.id}
                                    postId={postId}
                                    action={action}
                                />
                            ))}
                        </div>
                    ) : null}
                    {attachment.footer ? <div className='attachment-footer'>{attachment.footer}</div> : null}
                </div>
            </div>
        </div>
    );
}

export function Attachments({postId, list}: {postId: string; list: Attachment[]}) {
    return (
        <div className='attachment-list__wrapper'>
            {list.map((attachment, index) => (
                <One
                    key={index}
                    postId={postId}
                    attachment={attachment}
                />
            ))}
        </div>
    );
}
