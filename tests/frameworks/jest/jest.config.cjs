module.exports = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': process.env.TRANSFORM },
};
