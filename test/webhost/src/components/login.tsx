import React, {useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {client, RequestError} from '../client';
import {basename} from '../history';
import {syncPlugins} from '../plugins/loader';
import {loadMe} from '../store/actions';
import type {Dispatch, State} from '../store/types';

export function Login() {
    const dispatch = useDispatch<Dispatch>();
    const config = useSelector((state: State) => state.entities.general.config);
    const [name, setName] = useState('');
    const [password, setPassword] = useState('');
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);

    const submit = async (event: React.FormEvent) => {
        event.preventDefault();
        setBusy(true);
        setError('');
        try {
            await client.login(name.trim(), password);
            await syncPlugins();
            // With a user known, the page leads on by itself.
            await dispatch(loadMe());
        } catch (reason) {
            setError(reason instanceof RequestError ? reason.message : 'Signing in did not work. Try again.');
            setBusy(false);
        }
    };

    return (
        <main className='login'>
            <form
                className='login__card'
                onSubmit={(event) => void submit(event)}
            >
                <img
                    src={`${basename}/static/files/favicon.svg`}
                    alt=''
                    width='48'
                    height='48'
                />
                <h1>{config.SiteName || 'Mattermost'}</h1>
                <p className='login__text'>{config.CustomDescriptionText || 'Sign in to respond to incidents with your team.'}</p>
                <div
                    className='error-text'
                    role='alert'
                >{error}</div>
                <label htmlFor='loginId'>Email or username</label>
                <input
                    id='loginId'
                    className='form-control'
                    autoComplete='username'
                    autoCapitalize='off'
                    autoFocus={true}
                    value={name}
                    onChange={(event) => setName(event.target.value)}
                />
                <label htmlFor='loginPassword'>Password</label>
                <input
                    id='loginPassword'
                    className='form-control'
                    type='password'
                    autoComplete='current-password'
                    value={password}
                    onChange={(event) => setPassword(event.target.value)}
                />
                <button
                    id='loginButton'
                    type='submit'
                    className='btn btn-primary'
                    disabled={busy || !name || !password}
                >{busy ? 'Signing in…' : 'Sign in'}</button>
                {config.EnableCustomBrand === 'true' && config.CustomBrandText ?
                    <p className='login__hint'>{config.CustomBrandText}</p> :
                    <p className='login__hint'>On a demo server the names and passwords are printed where the server was started.</p>}
            </form>
        </main>
    );
}
