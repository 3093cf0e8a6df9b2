import React from 'react';

import {SuggestionList} from './suggestion_list';
import {suggestionsFor, type Suggestion} from './suggestions';

type Area = HTMLTextAreaElement | HTMLInputElement;

type Props = {
    id: string;
    channelId: string;
    value: string;
    onChange: (event: React.ChangeEvent<Area>) => void;
    onKeyPress?: (event: React.KeyboardEvent<Area>) => void;
    onKeyDown?: (event: React.KeyboardEvent<Area>) => void;
    onKeyUp?: (event: React.KeyboardEvent<Area>) => void;
    onSelect?: (event: React.SyntheticEvent<Area>) => void;
    onBlur?: (event: React.FocusEvent<Area>) => void;
    onHeightChange?: (height: number, maxHeight: number) => void;
    createMessage: string;
    characterLimit: number;
    supportsCommands?: boolean;
    suggestionListStyle?: 'top' | 'bottom';
    disabled?: boolean;
    openWhenEmpty?: boolean;
    inputComponent?: 'input';
};

type Suggestions = {pretext: string; items: Suggestion[]; selected: number};

const none: Suggestions = {pretext: '', items: [], selected: 0};

/** A text field that grows with its text and suggests commands, people and channels. */
export class Textbox extends React.Component<Props, Suggestions> {
    override state = none;
    private readonly area = React.createRef<HTMLTextAreaElement & HTMLInputElement>();
    private wanted = '';

    getInputBox = () => this.area.current;

    focus = () => this.area.current?.focus();

    blur = () => this.area.current?.blur();

    recalculateSize = () => {
        const area = this.area.current;
        if (area && !this.props.inputComponent) {
            area.style.height = 'auto';
            const height = area.scrollHeight + 2;
            area.style.height = `${height}px`;
            this.props.onHeightChange?.(height, 300);
        }
    };

    override componentDidMount() {
        this.recalculateSize();
    }

    override componentDidUpdate(before: Props) {
        if (before.value !== this.props.value) {
            this.recalculateSize();
            if (!this.props.value) {
                this.hide();
            }
        }
    }

    override componentWillUnmount() {
        this.wanted = '\0';
    }

    private pretext(): string {
        const area = this.area.current;
        return area ? area.value.slice(0, area.selectionEnd ?? undefined) : '';
    }

    private async suggest() {
        const pretext = this.pretext();
        this.wanted = pretext;
        let items: Suggestion[] = [];
        try {
            items = await suggestionsFor(pretext, this.props.channelId, this.props.supportsCommands !== false);
        } catch (error) {
            // Suggestions are a convenience; the field stays usable without them.
            console.warn(error);
        }
        if (this.wanted === pretext && document.activeElement === this.area.current) {
            this.setState({pretext, items, selected: 0});
        }
    }

    private hide() {
        this.wanted = '\0';
        this.setState(none);
    }

    private choose = (item: Suggestion) => {
        const area = this.area.current;
        if (!area) {
            return;
        }
        const rest = area.value.slice(this.state.pretext.length);
        const text = `${item.result.trimEnd()} `;
        // The native setter and event let React call onChange as for typing.
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(area), 'value')?.set?.call(area, text + rest);
        area.setSelectionRange(text.length, text.length);
        area.dispatchEvent(new Event('input', {bubbles: true}));
    };

    private onChange = (event: React.ChangeEvent<Area>) => {
        this.props.onChange(event);
        void this.suggest();
    };

    private onFocus = () => {
        if (this.props.openWhenEmpty) {
            void this.suggest();
        }
    };

    private onBlur = (event: React.FocusEvent<Area>) => {
        this.hide();
        this.props.onBlur?.(event);
    };

    private onKeyDown = (event: React.KeyboardEvent<Area>) => {
        const {items, selected, pretext} = this.state;
        const item = items[selected];
        if (item && pretext === this.pretext()) {
            const modified = event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                const step = event.key === 'ArrowDown' ? 1 : items.length - 1;
                this.setState({selected: (selected + step) % items.length});
                event.preventDefault();
                return;
            }
            if (event.key === 'Escape') {
                event.stopPropagation();
                event.nativeEvent.stopImmediatePropagation();
                this.hide();
                return;
            }
            // What is typed out already needs no completing: Enter then does what the form does with it.
            const complete = item.result.trimEnd() === pretext.trimEnd();
            if (!modified && (event.key === 'Tab' || (event.key === 'Enter' && !complete))) {
                event.preventDefault();
                this.choose(item);
                return;
            }
        }
        this.props.onKeyDown?.(event);
    };

    override render() {
        const {props, state} = this;
        const tooLong = props.value.length > props.characterLimit;
        const Field = props.inputComponent ?? 'textarea';

        // As in Mattermost, only a plain input has the placeholder as its own.
        const placeholder = Field === 'textarea' && !props.value ? (
            <div
                data-testid={`${props.id}_placeholder`}
                className='custom-textarea textarea-placeholder'
                aria-hidden='true'
            >{props.createMessage}</div>
        ) : null;
        return (
            <div className='textarea-wrapper'>
                {state.items.length > 0 ? (
                    <SuggestionList
                        items={state.items}
                        selected={state.selected}
                        position={props.suggestionListStyle ?? 'top'}
                        onChoose={this.choose}
                        onHover={(selected) => this.setState({selected})}
                    />
                ) : null}
                {placeholder}
                <Field
                    id={props.id}
                    data-testid={props.id}
                    ref={this.area}
                    className='form-control custom-textarea'
                    dir='auto'
                    rows={Field === 'textarea' ? 1 : undefined}
                    autoComplete='off'
                    aria-label={props.createMessage}
                    aria-autocomplete='list'
                    aria-controls={state.items.length > 0 ? 'suggestionList' : undefined}
                    aria-activedescendant={state.items.length > 0 ? `suggestion_${state.selected}` : undefined}
                    placeholder={Field === 'input' ? props.createMessage : undefined}
                    value={props.value}
                    disabled={props.disabled}
                    onChange={this.onChange}
                    onKeyPress={props.onKeyPress}
                    onKeyDown={this.onKeyDown}
                    onKeyUp={props.onKeyUp}
                    onSelect={props.onSelect}
                    onFocus={this.onFocus}
                    onBlur={this.onBlur}
                />
                {tooLong ? (
                    <div
                        className='error-text'
                        role='alert'
                    >{`Too long: ${props.value.length} of ${props.characterLimit} characters.`}</div>
                ) : null}
            </div>
        );
    }
}
