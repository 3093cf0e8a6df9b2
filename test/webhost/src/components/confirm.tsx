import React from 'react';
import {Modal} from 'react-bootstrap';

import {unwrapDialog, useFocusBack} from './modal_frame';

type Props = {id: string; title: string; text: string; button: string; onConfirm: () => void; onCancel: () => void};

export function Confirm({id, title, text, button, onConfirm, onCancel}: Props) {
    useFocusBack();
    return (
        <Modal
            id={id}
            show={true}
            onEnter={unwrapDialog}
            onHide={onCancel}
            aria-labelledby={`${id}Label`}
        >
            <Modal.Header closeButton={true}>
                <Modal.Title
                    id={`${id}Label`}
                    componentClass='h1'
                >{title}</Modal.Title>
            </Modal.Header>
            <Modal.Body>{text}</Modal.Body>
            <Modal.Footer>
                <button
                    type='button'
                    className='btn btn-link'
                    onClick={onCancel}
                >Cancel</button>
                <button
                    id={`${id}Button`}
                    type='button'
                    className='btn btn-danger'
                    autoFocus={true}
                    onClick={onConfirm}
                >{button}</button>
            </Modal.Footer>
        </Modal>
    );
}
