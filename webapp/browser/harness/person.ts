import {adminName, adminPassword, baseURL, pluginId} from './settings';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface SessionCookie {
    name: string;
    value: string;
    url: string;
}

interface Account {
    id: string;
    username: string;
    first_name: string;
    last_name: string;
}

/** An answer other than 2xx. */
export class Refused extends Error {
    constructor(what: string, readonly status: number, readonly body: string) {
        super(`${what} answered ${status}: ${body}`);
    }
}

/** Somebody who is signed in, and acts by REST. */
export class Person {
    private constructor(readonly account: Account, private readonly token: string, readonly cookies: SessionCookie[]) {}

    static async signIn(username: string, password: string): Promise<Person> {
        const response = await fetch(`${baseURL}/api/v4/users/login`, {
            method: 'POST',
            // Without this header the server gives no cookies.
            headers: {'X-Requested-With': 'XMLHttpRequest'},
            body: JSON.stringify({login_id: username, password}),
        });
        const text = await response.text();
        if (!response.ok) {
            throw new Refused(`signing in as ${username}`, response.status, text);
        }
        const cookies = response.headers.getSetCookie().map((line) => {
            const [, name = '', value = ''] = (/^([^=]+)=([^;]*)/).exec(line) ?? [];
            return {name, value, url: baseURL};
        });
        return new Person(JSON.parse(text) as Account, response.headers.get('Token') ?? '', cookies);
    }

    get id(): string {
        return this.account.id;
    }

    get username(): string {
        return this.account.username;
    }

    get fullName(): string {
        return `${this.account.first_name} ${this.account.last_name}`;
    }

    /** Mattermost's REST API; `path` is below /api/v4. */
    host<T>(method: Method, path: string, body?: unknown): Promise<T> {
        return this.request(method, `/api/v4${path}`, body);
    }

    /** The plugin's REST API; `path` is below its /api/v0. */
    plugin<T>(method: Method, path: string, body?: unknown): Promise<T> {
        return this.request(method, `/plugins/${pluginId}/api/v0${path}`, body);
    }

    private async request<T>(method: Method, path: string, body: unknown): Promise<T> {
        const response = await fetch(baseURL + path, {
            method,
            headers: {Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json'},
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        if (!response.ok) {
            throw new Refused(`${method} ${path} of ${this.username}`, response.status, text);
        }
        return (text ? JSON.parse(text) : undefined) as T;
    }
}

let admin: Promise<Person> | undefined;

/** The administrator; signed in once per worker. */
export function administrator(): Promise<Person> {
    admin ??= Person.signIn(adminName, adminPassword);
    return admin;
}

let made = 0;

/** Lower-case letters and digits that no other test uses. */
export function unique(): string {
    made++;
    return `${Date.now().toString(36)}${process.pid.toString(36)}${made}`;
}

/** A new user without a team, whose tutorial is over and whose pages are English. */
export async function newPerson(firstName = 'Anna', lastName = 'Berg'): Promise<Person> {
    const username = `${firstName.toLowerCase()}-${unique()}`;
    const password = `Pa55-${username}`;
    await (await administrator()).host('POST', '/users', {
        username, password, email: `${username}@example.com`, first_name: firstName, last_name: lastName, locale: 'en',
    });
    return Person.signIn(username, password);
}
