const before = window.__REACT_INTL_BYPASS_GLOBAL_CONTEXT__;

// Copies of react-intl share one React context through a global. What the host renders inside our tree would read our
// texts, and we would read the host's. This module has to be evaluated before react-intl.
window.__REACT_INTL_BYPASS_GLOBAL_CONTEXT__ = true;

/** Has to be called after react-intl was evaluated, so that other plugins and the host find the global as it was. */
export function ownContextMade(): void {
    if (before === undefined) {
        delete window.__REACT_INTL_BYPASS_GLOBAL_CONTEXT__;
    } else {
        window.__REACT_INTL_BYPASS_GLOBAL_CONTEXT__ = before;
    }
}
