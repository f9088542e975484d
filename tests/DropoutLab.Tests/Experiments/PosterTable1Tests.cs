using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Tests.Experiments;

public sealed class PosterTable1Tests
{
    [Theory]
    [InlineData("none", 0.7579)]
    [InlineData("forward:0", 0.7579)]
    [InlineData("standard:0.3", 0.7523)]
    [InlineData("standard:0.2", 0.7617)]
    [InlineData("standard:0.1", 0.7657)]
    [InlineData("standard:0.05", 0.7647)]
    [InlineData("standard:0.01", 0.7626)]
    [InlineData("standard:0.005", 0.7608)]
    [InlineData("forward:0.3", 0.6908)]
    [InlineData("forward:0.2", 0.7211)]
    [InlineData("forward:0.1", 0.7482)]
    [InlineData("forward:0.05", 0.7627)]
    [InlineData("forward:0.01", 0.7612)]
    [InlineData("forward:0.005", 0.7578)]
    [InlineData("backward:0.3", 0.7433)]
    [InlineData("backward:0.2", 0.7557)]
    [InlineData("backward:0.1", 0.7585)]
    [InlineData("backward:0.05", 0.7593)]
    [InlineData("backward:0.01", 0.7583)]
    [InlineData("backward:0.005", 0.7599)]
    [InlineData("standard:0.4", null)]
    [InlineData("augmented:0.3/0.1", null)]
    public void Figures(string rule, double? accuracy) => Assert.Equal(accuracy, PosterTable1.Of(DropoutRule.Parse(rule)));
}
