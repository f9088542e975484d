using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Tests.Experiments;

public sealed class PosterTable1Tests
{
    [Theory]
    [InlineData("none", 0.7579)]
    [InlineData("forward:0", 0.7579)]
    [InlineData("standard:0.3", 0.7523)]
    [InlineData("standard:0.1", 0.7657)]
    [InlineData("forward:0.2", 0.7211)]
    [InlineData("forward:0.005", 0.7578)]
    [InlineData("backward:0.05", 0.7593)]
    [InlineData("backward:0.01", 0.7583)]
    [InlineData("standard:0.4", null)]
    [InlineData("augmented:0.3/0.1", null)]
    public void Figures(string rule, double? accuracy) => Assert.Equal(accuracy, PosterTable1.Of(DropoutRule.Parse(rule)));
}
