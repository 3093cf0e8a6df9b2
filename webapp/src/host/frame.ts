/** The host's right-hand sidebar with its title. */
const SIDEBAR = '#rhsContainer';

/** The part of the host's page that holds an element of the sidebar, if it does: what sticks out of it is covered or cut. */
export const hostFrame = (element: Element): Element | null => element.closest(SIDEBAR);
