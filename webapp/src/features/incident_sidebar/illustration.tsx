import React from 'react';

/** A list with its first tasks done, before a shield. Drawn in the colours of the theme. */
export function Illustration() {
    return (
        <svg
            width={160}
            height={120}
            viewBox='0 0 160 120'
            fill='none'
            aria-hidden={true}
            focusable='false'
        >
            <path
                d='M80 8 126 24v34c0 26-19 44-46 54-27-10-46-28-46-54V24L80 8Z'
                fill='var(--im-accent-tint)'
            />
            <rect
                x={50}
                y={30}
                width={60}
                height={62}
                rx={6}
                fill='var(--im-background)'
                stroke='var(--im-line)'
                strokeWidth={2}
            />
            {[44, 60, 76].map((y, index) => (
                <g
                    key={y}
                    strokeWidth={3}
                    strokeLinecap='round'
                    strokeLinejoin='round'
                >
                    {index < 2 ? (
                        <path
                            d={`m58 ${y} 3 3 6-6`}
                            stroke='var(--im-accent)'
                        />
                    ) : (
                        <circle
                            cx={62}
                            cy={y}
                            r={3}
                            stroke='var(--im-line)'
                            strokeWidth={2}
                        />
                    )}
                    <path
                        d={`M76 ${y}h${index === 1 ? 16 : 24}`}
                        stroke='var(--im-line)'
                    />
                </g>
            ))}
        </svg>
    );
}
