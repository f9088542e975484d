using DropoutLab.Optimization;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class TrainingOptionsTests
{
    [Theory]
    [InlineData(1, 0, 100, "the momentum must be in [0, 1), not 1")]
    [InlineData(-0.1, 0, 100, "the momentum must be in [0, 1), not -0.1")]
    [InlineData(double.NaN, 0, 100, "the momentum must be in [0, 1), not NaN")]
    [InlineData(0.9, -1, 100, "the weight decay must be at least 0, not -1")]
    [InlineData(0.9, double.NaN, 100, "the weight decay must be at least 0, not NaN")]
    [InlineData(0.9, double.PositiveInfinity, 100, "the weight decay must be at least 0, not Infinity")]
    [InlineData(0.9, 0, 0, "the batch size must be from 1 to 65536, not 0")]
    [InlineData(0.9, 0, 65_537, "the batch size must be from 1 to 65536, not 65537")]
    public void WhatTrainingCannotRunWithIsNamed(double momentum, double weightDecay, int batchSize, string complaint)
    {
        TrainingOptions options = new() { Optimizer = new Sgd(momentum, weightDecay), BatchSize = batchSize };

        Assert.Equal(complaint, Assert.Throws<DropoutLabException>(() => options.Validate()).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    public void TheBoundsThemselvesAreTaken(int batchSize) =>
        Assert.Null(Record.Exception(
            () => new TrainingOptions { Epochs = 1, Optimizer = new Sgd(momentum: 0), BatchSize = batchSize }.Validate()));
}
