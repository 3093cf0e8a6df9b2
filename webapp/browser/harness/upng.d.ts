declare module 'upng-js' {
    interface Picture {
        width: number;
        height: number;
    }

    /** Reads a PNG file. */
    export function decode(file: Uint8Array): Picture;

    /** The pixels of each frame. */
    export function toRGBA8(picture: Picture): ArrayBuffer[];

    /** A PNG file of at most so many colours. */
    export function encode(frames: ArrayBuffer[], width: number, height: number, colours: number): ArrayBuffer;
}
