/** Matches the innermost element with a text, also where a part of it has an element of its own. */
export const wholeText = (text: string) => (_: string, element: Element | null) =>
    element?.textContent === text && !Array.from(element.children).some((child) => child.textContent === text);
