import '../../styles/index.css';
import '../../index';
