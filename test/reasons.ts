// Seven reasons as a site file has them, each with one official code: more than a page of the display shows.

export const SEVEN_REASONS = `reasons:
  - { text: 业务不熟练, codes: { 2: 213 } }
  - { text: 服务态度生硬, codes: { 2: 214 } }
  - { text: 未在承诺时间办结, codes: { 2: 209 } }
  - { text: 没有材料样本, codes: { 2: 207 } }
  - { text: 重复取号排队, codes: { 2: 212 } }
  - { text: 态度差效率低, codes: { 1: 115 } }
  - { text: 超过法定时间, codes: { 1: 110 } }
`;
