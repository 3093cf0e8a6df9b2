import type {SocketMessage} from '../types';

const FIRST_RETRY = 3000;
const LONGEST_RETRY = 300_000;
const PATIENT_TRIES = 7;

export type Listeners = {
    onOpen(): void;
    /** Events may have been missed: reload what is shown. */
    onLoss(): void;
    onClose(): void;
    onEvent(message: SocketMessage): void;
};

/**
 * The websocket, kept open. Where the server remembers connections ("reliable websockets"), a short
 * interruption is replayed by it and stays unnoticed; otherwise every new connection counts as a loss.
 */
export class Connection {
    private socket: WebSocket | null = null;
    private failures = 0;
    private connectionId = '';
    private nextSequence = 0;
    private timer: number | undefined;
    private stopped = false;

    constructor(
        private readonly url: string,
        private readonly reliable: () => boolean,
        private readonly listeners: Listeners,
    ) {}

    open() {
        this.stopped = false;
        const query = this.reliable() ? `?connection_id=${this.connectionId}&sequence_number=${this.nextSequence}` : '';
        const socket = new WebSocket(this.url + query);
        this.socket = socket;
        socket.onopen = () => {
            const lost = this.failures > 0 && !this.reliable();
            this.failures = 0;
            this.listeners.onOpen();
            if (lost) {
                this.nextSequence = 0;
                this.listeners.onLoss();
            }
        };
        socket.onmessage = (event: MessageEvent<string>) => this.receive(JSON.parse(event.data) as SocketMessage);
        socket.onclose = () => {
            if (this.socket !== socket) {
                return;
            }
            this.socket = null;
            this.failures++;
            this.listeners.onClose();
            if (!this.stopped) {
                this.timer = window.setTimeout(() => this.open(), this.retryAfter());
            }
        };
    }

    close() {
        this.stopped = true;
        window.clearTimeout(this.timer);
        this.socket?.close();
    }

    private retryAfter(): number {
        return this.failures <= PATIENT_TRIES ? FIRST_RETRY : Math.min(FIRST_RETRY * this.failures * this.failures, LONGEST_RETRY);
    }

    private receive(message: SocketMessage) {
        if (!message.event) {
            return;
        }
        if (message.event === 'hello') {
            const id = String(message.data.connection_id ?? '');
            if (this.connectionId && id !== this.connectionId && this.reliable()) {
                this.nextSequence = 0;
                this.listeners.onLoss();
            }
            this.connectionId = id;
        }
        if (this.reliable() && message.seq !== this.nextSequence) {
            // A gap: a fresh connection that starts over is the only way to a known state.
            this.connectionId = 'stale';
            this.nextSequence = 0;
            this.socket?.close();
            return;
        }
        this.nextSequence = message.seq + 1;
        this.listeners.onEvent(message);
    }
}
