using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// Where the two passes see the same mask, the gradient is the slope of the loss with that mask fixed. (Where they differ it is
/// not, by definition; the closed forms are the oracle there.)
/// </summary>
public sealed class FiniteDifferenceTests
{
    [Theory]
    [InlineData("dense", "none", "per-datum")]
    [InlineData("dense", "standard:0.3", "per-datum")]
    [InlineData("dense", "standard:0.3", "pair")]
    [InlineData("dense", "standard:0.3", "per-minibatch")]
    [InlineData("convolutional", "none", "per-datum")]
    [InlineData("convolutional", "standard:0.3", "per-datum")]
    [InlineData("convolutional", "standard:0.3", "per-minibatch")]
    [InlineData("residual", "none", "per-datum")]
    [InlineData("residual", "standard:0.3", "per-datum")]
    [InlineData("residual", "standard:0.3", "per-minibatch")]
    public void GradientIsTheSlopeOfTheLoss(string networkName, string rule, string sharing)
    {
        using ReferenceBackend backend = new(1);
        DropoutSettings dropout = new(DropoutRule.Parse(rule), SiteSelection.All, MaskSharing.Parse(sharing));
        using TrainingStep step = new(backend, SmallNetworks.ByName(networkName), dropout, 4, Precision.Float64);
        step.Fill(seed: 11);
        double Loss()
        {
            step.Plan.Run(seed: 5, step: 2);
            return step.Plan.ReadScalar(step.Built.Loss);
        }

        Loss();
        Dictionary<string, double[]> gradients = step.Store.Parameters.Where(parameter => parameter.IsTrained)
            .ToDictionary(parameter => parameter.Name, parameter => step.Gradient(parameter.Name));
        const double Width = 1e-5;
        foreach ((string name, double[] gradient) in gradients)
        {
            double[] values = step.Store.Read(name, ParameterArray.Value);
            double[] slopes = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                double original = values[i];
                slopes[i] = (LossAt(original + Width) - LossAt(original - Width)) / (2 * Width);
                LossAt(original);

                double LossAt(double value)
                {
                    values[i] = value;
                    step.Store.Write(name, ParameterArray.Value, values);
                    return Loss();
                }
            }

            Assert.InRange(TestBackends.RelativeDistance(slopes, gradient), 0, 1e-6);
        }
    }
}
