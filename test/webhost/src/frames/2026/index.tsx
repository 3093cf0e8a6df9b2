import './style.css';
import './globals';

import {watchInput} from './focus';

import '../../index';

watchInput();
