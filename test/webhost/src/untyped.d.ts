declare module '*.css';
declare module 'regenerator-runtime';
