import {screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useState} from 'react';
import {expect, it} from 'vitest';

import {CommandField} from 'src/features/playbook_editor/command_field';
import {freshHost, renderWithHost} from 'src/testing/host';

function Held() {
    const [command, setCommand] = useState('');
    return (
        <CommandField
            label='Slash command of Call'
            command={command}
            suggestions='bottom'
            onChange={setCommand}
        />
    );
}

it('says while typing that a command starts with a slash', async () => {
    freshHost();
    renderWithHost(<Held/>);
    await userEvent.click(screen.getByTestId('add-command'));
    const wrong = () => screen.queryByText('A slash command starts with /.');
    const field = screen.getByLabelText('Slash command of Call');
    expect(field).toHaveValue('/');
    expect(wrong()).not.toBeInTheDocument();
    await userEvent.clear(field);
    await userEvent.type(field, 'echo');
    expect(wrong()).toBeVisible();
    await userEvent.clear(field);
    await userEvent.type(field, ' /echo');
    expect(wrong()).not.toBeInTheDocument();
});
