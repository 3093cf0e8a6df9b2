// Runs component tests with the versions of React that later web clients bring: npm run test:react [-- --short | files …].
// With --short only the files that depend most on when React renders, runs effects and gives the focus back.
import {spawnSync} from 'child_process';

const SHORT = ['react_version', 'own_context', 'task_row'];

const args = process.argv.slice(2);
const files = args.includes('--short') ? SHORT : args;
for (const REACT of ['18', '19']) {
    console.log(`React ${REACT}`);
    const {status} = spawnSync('npx', ['vitest', 'run', ...(files.length > 0 ? files : ['react_version', '.test.tsx'])], {stdio: 'inherit', env: {...process.env, REACT}});
    if (status !== 0) {
        process.exitCode = 1;
    }
}
