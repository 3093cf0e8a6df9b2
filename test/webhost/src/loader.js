// Loads one of the two frames: `?frame=2026` or `?frame=2021` in the address chooses, and is remembered for the site.
(() => {
    const base = document.currentScript.src.replace(/static\/[^/]*$/, '');
    const path = new URL(base).pathname;
    const wanted = (/[?&]frame=(2021|2026)\b/).exec(location.search);
    if (wanted) {
        document.cookie = `webhost_frame=${wanted[1]}; path=${path}; SameSite=Lax`;
    }
    const [, frame = '2021'] = (/webhost_frame=(2021|2026)/).exec(document.cookie) ?? [];
    const files = FILES[frame];
    window.publicPath = `${path}static/`;
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = `${base}static/${files.css}`;
    const script = document.createElement('script');
    script.src = `${base}static/${files.js}`;
    document.head.append(style, script);
})();
