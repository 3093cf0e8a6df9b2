import {keptText, SectionText} from 'src/capabilities/retrospective/section_text';
import {Retrospective, Section} from 'src/capabilities/retrospective/types';
import {onClear} from 'src/query/client';
import {Observable} from 'src/query/observable';

const placeOf = (incidentId: string, key: string) => `${incidentId} ${key}`;

/** The texts that are being edited. They are not kept by what shows them: what is typed is saved when that has left the screen. */
class OpenTexts extends Observable {
    private texts = new Map<string, SectionText>();

    read(incidentId: string, key: string): SectionText | undefined {
        return this.texts.get(placeOf(incidentId, key));
    }

    open(userId: string, incidentId: string, section: Section): void {
        if (!this.read(incidentId, section.key)) {
            this.texts.set(placeOf(incidentId, section.key), new SectionText(userId, incidentId, section));
            this.notify();
        }
    }

    close(incidentId: string, key: string): void {
        this.texts.delete(placeOf(incidentId, key));
        this.notify();
    }

    /** Opens what was typed before and is not saved. */
    restore(userId: string, {incident_id: incidentId, sections}: Retrospective): void {
        let found = false;
        sections.filter(({key}) => !this.read(incidentId, key)).forEach((section) => {
            const kept = keptText(userId, incidentId, section);
            if (kept) {
                this.texts.set(placeOf(incidentId, section.key), new SectionText(userId, incidentId, section, kept));
                found = true;
            }
        });
        if (found) {
            this.notify();
        }
    }

    /** Those of an incident that hold something the server does not have. */
    unsaved(incidentId: string): SectionText[] {
        return [...this.texts].filter(([place, text]) => place.startsWith(placeOf(incidentId, '')) && !text.isDone).map(([, text]) => text);
    }

    saveAll = () => this.texts.forEach((text) => text.save());
    leaveAll = () => this.texts.forEach((text) => text.leave());

    /** The user has signed out, or the plugin is going. */
    endAll(): void {
        this.texts.forEach((text) => text.end());
        this.texts.clear();
        this.notify();
    }
}

export const openTexts = new OpenTexts();

onClear(() => openTexts.endAll());
