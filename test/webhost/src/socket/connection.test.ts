import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {Connection, type Listeners} from './connection';

class FakeSocket {
    static all: FakeSocket[] = [];
    onopen?: () => void;
    onclose?: () => void;
    onmessage?: (event: {data: string}) => void;
    constructor(readonly url: string) {
        FakeSocket.all.push(this);
    }
    close() {
        this.onclose?.();
    }
    say(seq: number, event: string, data = {}) {
        this.onmessage?.({data: JSON.stringify({seq, event, data, broadcast: {}})});
    }
}

const last = () => FakeSocket.all[FakeSocket.all.length - 1] as FakeSocket;
let listeners: {[K in keyof Listeners]: ReturnType<typeof vi.fn>};

function start(reliable: boolean): Connection {
    const connection = new Connection('ws://host/ws', () => reliable, listeners as unknown as Listeners);
    connection.open();
    last().onopen?.();
    last().say(0, 'hello', {connection_id: 'first'});
    return connection;
}

function reopen(connectionId: string) {
    last().close();
    vi.advanceTimersByTime(3000);
    last().onopen?.();
    last().say(0, 'hello', {connection_id: connectionId});
}

beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
    FakeSocket.all = [];
    listeners = {onOpen: vi.fn(), onLoss: vi.fn(), onClose: vi.fn(), onEvent: vi.fn()};
});
afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

describe('Connection', () => {
    it('tells no loss at the first connection', () => {
        start(false);
        expect(listeners.onOpen).toHaveBeenCalledTimes(1);
        expect(listeners.onLoss).not.toHaveBeenCalled();
    });

    it('tells a loss once after each new connection', () => {
        start(false);
        reopen('second');
        expect(listeners.onClose).toHaveBeenCalledTimes(1);
        expect(listeners.onLoss).toHaveBeenCalledTimes(1);
    });

    it('resumes a reliable connection unnoticed', () => {
        start(true);
        last().say(1, 'posted');
        last().close();
        vi.advanceTimersByTime(3000);
        expect(last().url).toBe('ws://host/ws?connection_id=first&sequence_number=2');
        last().onopen?.();
        last().say(2, 'posted');
        expect(listeners.onLoss).not.toHaveBeenCalled();
        expect(listeners.onEvent).toHaveBeenCalledTimes(3);
    });

    it('tells a loss when the server has forgotten a reliable connection', () => {
        start(true);
        reopen('second');
        expect(listeners.onLoss).toHaveBeenCalledTimes(1);
    });

    it('starts over after a gap in a reliable connection', () => {
        start(true);
        last().say(5, 'posted');
        expect(listeners.onEvent).toHaveBeenCalledTimes(1);
        vi.advanceTimersByTime(3000);
        last().onopen?.();
        last().say(0, 'hello', {connection_id: 'second'});
        expect(listeners.onLoss).toHaveBeenCalledTimes(1);
    });

    it('stays closed when closed on purpose', () => {
        start(false).close();
        vi.advanceTimersByTime(60_000);
        expect(FakeSocket.all).toHaveLength(1);
    });
});
