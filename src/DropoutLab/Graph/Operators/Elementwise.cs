namespace DropoutLab.Graph.Operators;

/// <summary>A function of each element. Input: x.</summary>
internal abstract record Activation : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>∂J/∂x of an <see cref="Activation"/>. Inputs: ∂J/∂y, and the activation's x or y.</summary>
internal abstract record ActivationGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the activation");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>y = max(x, 0). Input: x.</summary>
internal sealed record Relu : Activation;

/// <summary>
/// ∂J/∂x = ∂J/∂y where r &gt; 0, else 0. Inputs: ∂J/∂y and r, either x or y = max(x, 0), which have the same sign.
/// </summary>
internal sealed record ReluGradient : ActivationGradient;

/// <summary>
/// y = x Φ(x) with Φ(x) = (1 + erf(x/√2))/2, the normal distribution's. Input: x.
/// Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
/// </summary>
internal sealed record Gelu : Activation;

/// <summary>∂J/∂x = ∂J/∂y (Φ(x) + x φ(x)) with φ(x) = exp(−x²/2)/√(2π). Inputs: ∂J/∂y and x.</summary>
internal sealed record GeluGradient : ActivationGradient;

/// <summary>y = tanh x. Input: x.</summary>
internal sealed record Tanh : Activation;

/// <summary>∂J/∂x = ∂J/∂y (1 − tanh² x). Inputs: ∂J/∂y and x.</summary>
internal sealed record TanhGradient : ActivationGradient;

/// <summary>y = a + b. Inputs: a and b, of one shape.</summary>
internal sealed record Add : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        if (inputs.Count != 2 || inputs[0].Kind != inputs[1].Kind
            || inputs[0].Kind is not (ElementKind.Activation or ElementKind.Accumulator))
            throw new DropoutLabException("Add takes two activations, or two losses or parameters");
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the second term");
        return new(inputs[0].Shape, inputs[0].Kind);
    }
}

/// <summary>y = <paramref name="Factor"/> x, of activations, or of a loss or a parameter. Input: x.</summary>
/// <param name="Factor">A finite number.</param>
internal sealed record Scale(double Factor) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        if (inputs.Count != 1 || inputs[0].Kind is not (ElementKind.Activation or ElementKind.Accumulator))
            throw new DropoutLabException("Scale takes activations, or a loss or a parameter");
        return double.IsFinite(Factor)
            ? new(inputs[0].Shape, inputs[0].Kind)
            : throw new DropoutLabException($"Scale: the factor must be a finite number, not {Factor}");
    }
}

/// <summary>The same elements in the same order under another shape of the same batch. Input: x.</summary>
internal sealed record Reshape(Shape Shape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        if (Shape.Count != inputs[0].Shape.Count || Shape[0] != inputs[0].Shape[0])
            throw new DropoutLabException($"Reshape: {inputs[0].Shape} cannot become {Shape}");
        return new(Shape, ElementKind.Activation);
    }
}
