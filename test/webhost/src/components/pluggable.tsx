import React from 'react';
import {useSelector} from 'react-redux';

import type {State} from '../store/types';
import {currentTheme} from '../theme';

/** Keeps a failing plugin component from taking the page with it. */
class Boundary extends React.Component<{pluginId: string}, {failed: boolean}> {
    override state = {failed: false};

    static getDerivedStateFromError() {
        return {failed: true};
    }

    override render() {
        return this.state.failed ?
            <div className='plugin-failed'>{`A part of the plugin ${this.props.pluginId} failed to show.`}</div> :
            this.props.children;
    }
}

type Props = {name: string; id?: string} & Record<string, unknown>;

/** Renders the components plugins registered under a name, with the theme and what else is passed. */
export function Pluggable({name, id, ...rest}: Props) {
    const list = useSelector((state: State) => state.plugins.components[name]);
    const theme = useSelector(currentTheme);
    return (
        <>
            {list?.filter((one) => one.component && (!id || one.id === id)).map((one) => {
                const Component = one.component as React.ElementType;
                return (
                    <Boundary
                        key={name + one.id}
                        pluginId={one.pluginId}
                    >
                        <Component
                            {...rest}
                            theme={theme}
                        />
                    </Boundary>
                );
            })}
        </>
    );
}
