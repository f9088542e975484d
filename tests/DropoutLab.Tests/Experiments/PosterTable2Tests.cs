using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Tests.Experiments;

public sealed class PosterTable2Tests
{
    [Theory]
    [InlineData("svhn", "standard:0.1", 0.9618)]
    [InlineData("svhn", "augmented:0.1/0.0002", 0.9627)]
    [InlineData("svhn", "standard:0.2", 0.9626)]
    [InlineData("svhn", "augmented:0.2/0.0002", 0.9648)]
    [InlineData("svhn", "standard:0.3", 0.9655)]
    [InlineData("svhn", "augmented:0.3/0.0002", 0.9667)]
    [InlineData("cifar10", "standard:0.1", 0.9193)]
    [InlineData("cifar10", "augmented:0.1/0.0001", 0.9196)]
    [InlineData("cifar10", "standard:0.2", 0.9176)]
    [InlineData("cifar10", "augmented:0.2/0.0001", 0.9195)]
    [InlineData("cifar10", "standard:0.3", 0.9163)]
    [InlineData("cifar10", "augmented:0.3/0.0001", 0.9177)]
    [InlineData("cifar100", "standard:0.1", 0.6762)]
    [InlineData("cifar100", "augmented:0.1/0.0001", 0.6786)]
    [InlineData("cifar100", "standard:0.2", 0.6748)]
    [InlineData("cifar100", "augmented:0.2/0.0001", 0.6770)]
    [InlineData("cifar100", "standard:0.3", 0.6686)]
    [InlineData("cifar100", "augmented:0.3/0.0001", 0.6688)]
    [InlineData("svhn", "augmented:0.3/0.0001", null)]
    [InlineData("cifar10", "augmented-independent:0.1/0.0001", 0.9196)]
    [InlineData("cifar100", "none", null)]
    [InlineData("cifar10", "forward:0.1", null)]
    [InlineData("cifar10", "standard:0.05", null)]
    [InlineData("fashion-mnist", "standard:0.1", null)]
    public void Figures(string dataset, string rule, double? accuracy) =>
        Assert.Equal(accuracy, PosterTable2.Of(dataset, DropoutRule.Parse(rule)));
}
